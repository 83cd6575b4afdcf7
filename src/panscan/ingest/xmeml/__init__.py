"""Reading FCP7 XML (xmeml)."""
