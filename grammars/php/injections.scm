; @injection.LANGUAGE is text in another language; with .combined all such texts together are one.
(text) @injection.html.combined
