; What each import names: a @statement, the @module as written, the @names taken from it; a @path is both, its last part the name.
(import_spec
  path: [
    (interpreted_string_literal (interpreted_string_literal_content) @module)
    (raw_string_literal (raw_string_literal_content) @module)
  ]) @statement
