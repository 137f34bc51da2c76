"""What the native library says of this machine."""

from interfix.engine import library


def test_the_processor_is_a_device() -> None:
    (cpu,) = [device for device in library.devices() if not device.gpu]
    assert cpu.name == "CPU"
    assert cpu.total_bytes > 0


def test_the_build_tells_the_processor_features_it_uses() -> None:
    assert library.features()
    assert library.library.name in library.build()
    assert library.library.name in library.version()
