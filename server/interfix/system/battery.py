"""Whether this machine runs on its battery: what nobody asked for waits for the mains."""

import psutil


def runs_on_battery() -> bool:
    """Whether it does now; False for a machine without one."""
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    return battery is not None and not battery.power_plugged
