package io.loomvisor.vfs.sys;

import io.loomvisor.vfs.synthetic.GeneratedFile;
import io.loomvisor.vfs.synthetic.Opener;
import io.loomvisor.vfs.synthetic.SyntheticFilesystem;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** A sysfs attribute: one line of text, read-only; its size is always one page. */
final class Attribute extends GeneratedFile {
  private static final int SIZE = 4096;

  private final Supplier<String> value;

  Attribute(SyntheticFilesystem filesystem, Supplier<String> value) {
    super(filesystem, filesystem.newInodeNumber(), 0444);
    this.value = value;
  }

  @Override
  protected long size() {
    return SIZE;
  }

  @Override
  protected byte[] contents(Opener reader) {
    return (value.get() + "\n").getBytes(StandardCharsets.ISO_8859_1);
  }
}
