; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
((element (start_tag (attribute (attribute_name) @key (quoted_attribute_value (attribute_value) @name)))) @definition.id
  (#set! key "id"))
