; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
((declaration (property_name) @name) @definition.variable
  (#set! name "--.*"))
