"""Cameras that are not cameras: real RTSP and HTTP servers on loopback, with faults that can be switched on.

    with TownRtsp(folder) as town, FaultProxy(town.port) as proxy:
        url = proxy.url("lobby.mp4")      # rtsp://127.0.0.1:PORT/lobby.mp4?play_count=0 (for ever)
        proxy.freeze()                    # and so on: see faults.py

`clip.write_moving_clip` makes what they play, `clip.frame_number` reads which of its frames a picture is,
`play.play` plays it with FFmpeg. `http_camera` is MJPEG and snapshots; `listening` has a canary that
counts who comes, and a camera that says what a test wants; `certificate` is for TLS.
"""
