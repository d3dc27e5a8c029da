package io.loomvisor.vfs.dev;

import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.cache.PageStore;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * /dev/zero. Every mmap of it is memory of its own, which lasts until the description is closed and
 * unmapped.
 */
final class ZeroDescription extends DeviceDescription {
  private final PageStore pages;
  private final Queue<ZeroMapping> mapped = new ConcurrentLinkedQueue<>();

  ZeroDescription(Inode node, VfsPath path, int flags, PageStore pages) {
    super(node, path, flags);
    this.pages = pages;
  }

  @Override
  public long read(IoTarget target) {
    return target.putZeros(target.remaining());
  }

  @Override
  public long write(IoSource source) {
    return source.remaining();
  }

  @Override
  public Mappable mappable() {
    ZeroMapping mapping = new ZeroMapping(pages);
    mapped.add(mapping);
    return mapping;
  }

  /** Mappings hold a reference, so none is left now. */
  @Override
  protected void onRelease() {
    mapped.forEach(ZeroMapping::free);
  }
}
