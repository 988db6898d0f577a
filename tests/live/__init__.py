"""Live cameras: sources, time, zones and the main stream, against real RTSP on loopback."""
