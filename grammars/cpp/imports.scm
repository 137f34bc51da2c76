; What brings names into the file, at the top level or inside an include guard or condition.
(translation_unit (preproc_include) @import)
(translation_unit (using_declaration) @import)
(translation_unit (preproc_ifdef (preproc_include) @import))
(translation_unit (preproc_if (preproc_include) @import))
