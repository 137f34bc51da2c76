#include "buffer.h"

#include <algorithm>
#include <string>

namespace util {

template <typename T>
class Ring {
 public:
  explicit Ring(std::size_t size) : items_(size), next_(0) {}

  void push(T item) {
    items_[next_ % items_.size()] = std::move(item);
    ++next_;
  }

  [[nodiscard]] const T& last() const { return items_[(next_ - 1) % items_.size()]; }

 private:
  std::vector<T> items_;
  std::size_t next_;
};

namespace {
constexpr const char* kUsage = R"(
Usage: buffer [--size N] FILE
This is the text that a user sees first.
function main() {
)";
}  // namespace

auto render(const Ring<std::string>& ring) -> std::string {
#ifdef UTIL_SHORT
  return ring.last();
#else
  auto decorate = [](const std::string& text) {
    return "<" + text + ">";
  };
  return decorate(ring.last());
#endif
}

}  // namespace util
