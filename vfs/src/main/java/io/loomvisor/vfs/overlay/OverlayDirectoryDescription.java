package io.loomvisor.vfs.overlay;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.DirectoryDescription;
import io.loomvisor.vfs.DirectorySink;
import io.loomvisor.vfs.VfsPath;
import java.util.ArrayList;
import java.util.List;

/**
 * An open directory. Positions: 0 and 1 are "." and ".."; from 2 on the names of the lower
 * directory in its order, hidden ones included, read once; from {@link #ADDED} on the names made in
 * the overlay. A name keeps its position whatever happens to others.
 */
final class OverlayDirectoryDescription extends DirectoryDescription {
  private static final int BATCH = 128;
  private static final int DOTS = 2;
  private static final long ADDED = 1L << 32;

  /** An entry to show; {@code next} is the position after it. */
  private record Shown(String name, long ino, int type, long next) {}

  private final OverlayDirectory inode;
  private volatile List<OverlayDirectory.LowerEntry> lowerEntries;

  OverlayDirectoryDescription(OverlayDirectory inode, VfsPath path, int flags) {
    super(path, flags);
    this.inode = inode;
    try {
      inode.pin();
    } catch (RuntimeException e) {
      leavePath();
      throw e;
    }
  }

  @Override
  protected void onRelease() {
    inode.unpin();
  }

  @Override
  public OverlayDirectory inode() {
    return inode;
  }

  @Override
  public void readDirectory(DirectorySink sink) {
    long at = position();
    if (at == 0 && sink.entry(".", inode.ino(), DT_DIR, 1)) {
      at = 1;
    }
    if (at == 1 && sink.entry("..", inode.fs().call(inode::parentIno), DT_DIR, DOTS)) {
      at = DOTS;
    }
    if (at >= DOTS) {
      List<OverlayDirectory.LowerEntry> below = below();
      List<Shown> batch = batch(below, at);
      while (!batch.isEmpty()) {
        long before = at;
        at = give(batch, sink, at);
        batch = at == before || at != batch.getLast().next ? List.of() : batch(below, at);
      }
    }
    setPosition(at);
  }

  private List<OverlayDirectory.LowerEntry> below() {
    List<OverlayDirectory.LowerEntry> all = lowerEntries;
    if (all == null) {
      all = inode.lowerEntries();
      lowerEntries = all;
    }
    return all;
  }

  /** Gives entries until there is no room; returns the position reached. */
  private static long give(List<Shown> batch, DirectorySink sink, long from) {
    long at = from;
    for (Shown s : batch) {
      if (!sink.entry(s.name, s.ino, s.type, s.next)) {
        break;
      }
      at = s.next;
    }
    return at;
  }

  private List<Shown> batch(List<OverlayDirectory.LowerEntry> below, long from) {
    return inode
        .fs()
        .call(
            () -> {
              List<Shown> found = new ArrayList<>();
              for (long i = from - DOTS; i < below.size() && found.size() < BATCH; i++) {
                Shown s = lowerEntry(below.get((int) i), i + DOTS + 1);
                if (s != null) {
                  found.add(s);
                }
              }
              long offset = Math.max(0, from - ADDED);
              for (Names.Entry e : inode.names().added(offset, BATCH - found.size())) {
                int type = FileMode.direntType(e.inode().mode());
                found.add(new Shown(e.name(), e.inode().ino(), type, ADDED + e.offset() + 1));
              }
              return found;
            });
  }

  /** Null if the name is hidden, or another file's and so listed with the added ones. */
  private Shown lowerEntry(OverlayDirectory.LowerEntry l, long next) {
    Names.Entry known = inode.names().get(l.name());
    if (known == null) {
      return new Shown(l.name(), l.ino(), l.type(), next);
    }
    if (known.inode() == null || !known.unchanged()) {
      return null;
    }
    return new Shown(l.name(), known.inode().ino(), l.type(), next);
  }
}
