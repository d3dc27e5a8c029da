package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.wire.DirectoryEntry;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.DirectoryDescription;
import io.loomvisor.vfs.DirectorySink;
import io.loomvisor.vfs.VfsPath;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * An open directory of the host: the entries as they were when it was first read or last rewound.
 */
final class GoferDirectoryDescription extends DirectoryDescription {
  private static final int DOTS = 2;

  private final GoferDirectory inode;
  private volatile List<DirectoryEntry> entries;

  GoferDirectoryDescription(GoferDirectory inode, VfsPath path, int flags) {
    super(path, flags);
    this.inode = inode;
  }

  @Override
  public void readDirectory(DirectorySink sink) {
    List<DirectoryEntry> all = entries;
    if (all == null) {
      all = inode.listing();
      entries = all;
      if (inode.fs().shared()) {
        Set<String> existing = new HashSet<>();
        all.forEach(e -> existing.add(e.name()));
        path().dentry().forgetOthers(existing);
      }
    }
    long at = position();
    boolean room = true;
    while (room && at < all.size() + DOTS) {
      room = at < DOTS ? dot(sink, at) : entry(sink, all.get((int) at - DOTS), at);
      if (room) {
        at++;
      }
    }
    setPosition(at);
  }

  private boolean dot(DirectorySink sink, long at) {
    if (at == 0) {
      return sink.entry(".", inode.stat().ino(), DT_DIR, 1);
    }
    Dentry parent = path().dentry().parent();
    long up = parent == null ? inode.stat().ino() : parent.inode().stat().ino();
    return sink.entry("..", up, DT_DIR, DOTS);
  }

  private boolean entry(DirectorySink sink, DirectoryEntry e, long at) {
    return sink.entry(e.name(), inode.number(e), e.type(), at + 1);
  }

  @Override
  public long seek(long offset, int whence) {
    long to = super.seek(offset, whence);
    if (to == 0) {
      entries = null;
    }
    return to;
  }
}
