#define LIMIT 3
#define TWICE(x) (2 * (x))
static int count = 0;
int plain(int x);
char *pointed(int x);
#ifdef POSIX
#include <unistd.h>
#endif
#if LIMIT > 1
#include "more.h"
#endif
union Either {
  int a;
};
typedef struct Point point_t;
using Names = std::vector<std::string>;
class Abstract {
  using Size = int;
  int size();
  char *name();
};
template <typename T>
struct Box {
  T it;
};
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
