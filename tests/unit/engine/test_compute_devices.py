"""The processors that the native library names on this machine."""

from interfix.engine.compute_devices import list_devices


def test_the_processor_is_a_device() -> None:
    (cpu,) = [device for device in list_devices() if not device.gpu]
    assert cpu.name == "CPU"
    assert cpu.total_bytes > 0
