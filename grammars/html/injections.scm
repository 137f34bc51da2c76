; @injection.LANGUAGE is text in another language.
((script_element (start_tag (tag_name) .) (raw_text) @injection.javascript))
((script_element
  (start_tag (attribute (attribute_name) @key (quoted_attribute_value (attribute_value) @value)))
  (raw_text) @injection.javascript)
  (#set! key "type")
  (#set! value "module|(text|application)/(java|ecma)script"))
((script_element
  (start_tag (attribute (attribute_name) @key (quoted_attribute_value (attribute_value) @value)))
  (raw_text) @injection.typescript)
  (#set! key "type|lang")
  (#set! value "ts|(text/)?typescript"))
((script_element
  (start_tag (attribute (attribute_name) @key (quoted_attribute_value (attribute_value) @value)))
  (raw_text) @injection.json)
  (#set! key "type")
  (#set! value "importmap|speculationrules|.*json"))
(style_element (raw_text) @injection.css)
