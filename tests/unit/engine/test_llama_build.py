"""What the native library says of its build."""

from interfix.engine import llama_build


def test_the_build_tells_the_processor_features_it_uses() -> None:
    assert llama_build.list_cpu_features()
    assert llama_build.library.name in llama_build.identify_build()
    assert llama_build.library.name in llama_build.read_binding_version()
