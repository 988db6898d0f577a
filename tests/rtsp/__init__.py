"""Cameras that are not cameras: real RTSP and HTTP servers on loopback, with faults that can be switched on.

    with TownRtsp(folder) as town, FaultProxy(town.port) as proxy:
        url = proxy.url("lobby.mp4")      # rtsp://127.0.0.1:PORT/lobby.mp4?play_count=0 (for ever)
        proxy.freeze()                    # and so on: see faults.py

`write_moving_clip` makes what they play, `frame_number` reads which of its frames a picture is.
"""
