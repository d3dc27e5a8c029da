package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.client.OpenFile;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;

/** A regular file of the host. */
final class GoferRegular extends GoferInode {
  private final GoferDirectory parent;
  private final String name;
  private final CachedFile contents;

  GoferRegular(GoferFilesystem filesystem, FileStat stat, GoferDirectory parent, String name) {
    super(filesystem, stat);
    this.parent = parent;
    this.name = name;
    this.contents = new CachedFile(filesystem.store(), stat.size(), new HostFile());
  }

  CachedFile contents() {
    return contents;
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    if (OpenFlags.writable(flags)) {
      throw Errno.EROFS.exception();
    }
    return new GoferFileDescription(this, path, flags);
  }

  /** The donated descriptor, asked for when it is first needed and again after it was closed for room. */
  private final class HostFile implements CachedFile.Source {
    @Override
    public long read(java.lang.foreign.MemorySegment target, long offset) {
      return fs().openFiles().with(GoferRegular.this, this::open, fd -> DescriptorCalls.pread(fd, target, offset));
    }

    private int open() {
      OpenFile file =
          fs().client().open(new Request.Open(parent.fid(), name, OpenFlags.O_RDONLY, hostStat().ino()));
      return file.fd();
    }
  }
}
