#ifndef ORBIT_CATEGORY_HPP
#define ORBIT_CATEGORY_HPP

#if __has_include(<orbit/config.hpp>)
#  include <orbit/config.hpp>
#endif

namespace orbit {

struct Descriptor {
  OrbitObject_HEAD
  int kind;
  char order;
};

class Category : public Base {
 public:
  const char* name() const ORBIT_NOEXCEPT
  {
    return "orbit.category";
  }
};

inline Property make(Callback cb, void* data) {
  return Property({nullptr,
                   "name",
                   cb,
                   nullptr,
                   nullptr,
                   nullptr,
                   data});
}

}  // namespace orbit

#endif
