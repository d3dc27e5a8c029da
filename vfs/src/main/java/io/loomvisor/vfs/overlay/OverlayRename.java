package io.loomvisor.vfs.overlay;

import io.loomvisor.gofer.abi.Errno;
import java.util.List;

/**
 * One renameat2(2); runs in the file system's actor.
 *
 * @param moved what was called {@code oldName} a moment ago
 * @param there what was called {@code newName} then, or null
 * @param lowerNames of {@code there}'s lower directory
 */
record OverlayRename(
    OverlayDirectory from,
    String oldName,
    OverlayInode moved,
    OverlayDirectory to,
    String newName,
    OverlayInode there,
    List<String> lowerNames,
    int flags) {
  private static final int NOREPLACE = 1;
  private static final int EXCHANGE = 2;

  /** {@code replaced}: the file that lost its name, or null. */
  record Outcome(OverlayInode replaced) {}

  private static final Outcome DONE = new Outcome(null);

  /** A name has become another's since it was looked up; nothing was done. */
  static final Outcome STALE = new Outcome(null);

  Outcome run() {
    to.checkAlive();
    if (from.names().live(oldName) != moved || to.names().live(newName) != there) {
      return STALE;
    }
    if (there != null && (flags & NOREPLACE) != 0) {
      throw Errno.EEXIST.exception();
    }
    if (moved.isDirectory() && to.isWithin(moved)) {
      throw Errno.EINVAL.exception();
    }
    if ((flags & EXCHANGE) != 0) {
      exchange();
      return DONE;
    }
    if (there == moved) {
      return DONE;
    }
    if (there != null) {
      drop();
    }
    from.remove(oldName);
    to.put(newName, moved);
    moved.changed();
    from.modified();
    to.modified();
    return new Outcome(there);
  }

  private void drop() {
    if (there instanceof OverlayDirectory d) {
      if (!moved.isDirectory()) {
        throw Errno.EISDIR.exception();
      }
      d.checkEmpty(lowerNames);
    } else if (moved.isDirectory()) {
      throw Errno.ENOTDIR.exception();
    }
    to.remove(newName);
    if (there.isDirectory()) {
      there.removed();
    } else {
      there.addLinks(-1);
    }
    there.changed();
  }

  private void exchange() {
    if (there == null) {
      throw Errno.ENOENT.exception();
    }
    if (there.isDirectory() && from.isWithin(there)) {
      throw Errno.EINVAL.exception();
    }
    if (there == moved) {
      return;
    }
    from.remove(oldName);
    to.remove(newName);
    from.put(oldName, there);
    to.put(newName, moved);
    moved.changed();
    there.changed();
    from.modified();
    to.modified();
  }
}
