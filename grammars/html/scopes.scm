; A scope: the whole definition as @scope.KIND, with its @name and, where it has one, its @body.
((element
  (start_tag (tag_name) @name)
  .
  (_) @body) @scope.element
  (#set! name "html|head|body|main|header|footer|nav|section|article|aside|form|table|template|dialog"))
