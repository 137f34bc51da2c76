"""What the native library says of this machine."""

from interfix.engine import llama_system_info


def test_the_processor_is_a_device() -> None:
    (cpu,) = [device for device in llama_system_info.list_devices() if not device.gpu]
    assert cpu.name == "CPU"
    assert cpu.total_bytes > 0


def test_the_build_tells_the_processor_features_it_uses() -> None:
    assert llama_system_info.list_cpu_features()
    assert llama_system_info.library.name in llama_system_info.identify_build()
    assert llama_system_info.library.name in llama_system_info.read_binding_version()
