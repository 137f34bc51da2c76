"""An edit as the editor at the other end takes it: of a version, annotated, or plain."""

from lsprotocol import types

from interfix.commands.edit_hunks import CheckedEdit
from interfix.lsp import converters
from interfix.lsp.session import Session
from interfix.output.notification_sanitizer import format_notification

_ANNOTATION = "interfix"


def convert_workspace_edit(session: Session, edit: CheckedEdit, title: str) -> types.WorkspaceEdit:
    """The hunks with the version they are of, where the client takes versions; annotated with the verdict, where it takes that."""
    workspace = session.client.capabilities.workspace
    can = (workspace.workspace_edit if workspace else None) or types.WorkspaceEditClientCapabilities()
    texts = [
        types.TextEdit(converters.convert_range(edit.snapshot, hunk.start, hunk.end, session.encoding), hunk.text)
        for hunk in edit.hunks
    ]
    # Files can only be created among versioned changes: who can do that takes them, whether or not it says so.
    if not (can.document_changes or can.resource_operations):
        return types.WorkspaceEdit(changes={edit.snapshot.uri: texts} if texts else {})
    edits: list[types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit] = list(texts)
    annotations = None
    if can.change_annotation_support and texts:
        edits = [types.AnnotatedTextEdit(_ANNOTATION, each.range, each.new_text) for each in texts]
        annotation = types.ChangeAnnotation(
            format_notification(f"Interfix: {title}"),
            needs_confirmation=bool(edit.notes),
            description=format_notification(edit.summary),
        )
        annotations = {_ANNOTATION: annotation}
    changes: list[types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile] = []
    if edit.is_new_file and types.ResourceOperationKind.Create in (can.resource_operations or ()):
        changes.append(types.CreateFile(edit.snapshot.uri, options=types.CreateFileOptions(overwrite=False)))
    if edits:
        version = edit.snapshot.version if session.documents.find(edit.snapshot.uri) is not None else None
        versioned = types.OptionalVersionedTextDocumentIdentifier(edit.snapshot.uri, version)
        changes.append(types.TextDocumentEdit(versioned, edits))
    return types.WorkspaceEdit(document_changes=changes, change_annotations=annotations)
