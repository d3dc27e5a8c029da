package io.loomvisor.vfs.synthetic;

import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** A read-only {@link GeneratedFile} of text (ISO 8859-1) from a function. */
public final class TextFile extends GeneratedFile {
  private final Supplier<String> text;

  public TextFile(SyntheticFilesystem filesystem, int permissions, Supplier<String> text) {
    this(filesystem, filesystem.newInodeNumber(), permissions, text);
  }

  public TextFile(
      SyntheticFilesystem filesystem, long ino, int permissions, Supplier<String> text) {
    super(filesystem, ino, permissions);
    this.text = text;
  }

  @Override
  protected byte[] contents(Opener reader) {
    return text.get().getBytes(StandardCharsets.ISO_8859_1);
  }
}
