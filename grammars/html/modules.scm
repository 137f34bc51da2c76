; What each import names: a @statement, the @module as written, the @names taken from it; a @path is both, its last part the name.
((script_element
  (start_tag (attribute (attribute_name) @callee [(attribute_value) @module (quoted_attribute_value (attribute_value) @module)]))) @statement
  (#set! callee "src"))
((element
  (start_tag
    (tag_name) @callee
    (attribute (attribute_name) @key [(attribute_value) @module (quoted_attribute_value (attribute_value) @module)]))) @statement
  (#set! callee "link")
  (#set! key "href"))
