#include <string>
#include "greet.hpp"
using std::string;

namespace greet {

// Greets.
template <typename T>
class Greeter : public Base {
 public:
  explicit Greeter(T name) : name_(name) {
  }

  const T& name() const {
    return name_;
  }

 private:
  T name_;
};

struct Point {
  int x;
};

enum class Colour { Red };

template <typename T>
T* Greeter<T>::find(int number) {
  for (auto& each : all) {
    each("x", 'c', R"(raw)");
  }
  try {
  } catch (...) {
  }
  return nullptr;
}

}  // namespace greet
