"""The document: framings on OTIO clips. The only thing that is written between processes."""
