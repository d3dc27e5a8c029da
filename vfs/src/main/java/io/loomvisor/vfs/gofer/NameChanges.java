package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.gofer.client.OpenFile;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.Ownership;
import java.util.function.Supplier;

/**
 * The operations that change names in a directory. Each holds the file system's actor until the
 * gofer has answered, and then does here what the host has done.
 */
record NameChanges(GoferDirectory directory) {
  private static final int RENAME_EXCHANGE = 2;

  private GoferFilesystem fs() {
    return directory.fs();
  }

  private GoferClient client() {
    return directory.fs().client();
  }

  private <R> R change(Supplier<R> message) {
    fs().checkWritable();
    return fs().call(
            () -> {
              directory.checkAlive();
              try {
                return message.get();
              } finally {
                directory.countChange();
              }
            });
  }

  private Ownership owner(int mode, Credentials creator) {
    return Ownership.of(directory.mode(), directory.gid(), mode, creator);
  }

  // New names.

  Inode create(String name, int mode, Credentials creator) {
    Ownership o = owner(mode, creator);
    if (FileMode.isRegular(mode)) {
      return change(() -> createRegular(name, o));
    }
    return change(
        () -> {
          FileStat made =
              directory.with(
                  fid ->
                      client()
                          .ask(
                              new Request.MakeNode(fid, name, o.mode(), o.uid(), o.gid()),
                              Reply.Attributes.class)
                          .stat());
          return adopt(name, made, o.mode(), 0, null);
        });
  }

  private Inode createRegular(String name, Ownership o) {
    OpenFile file =
        directory.with(
            fid ->
                client()
                    .open(
                        new Request.Create(
                            fid, name, o.mode() & FileMode.PERMISSIONS, o.uid(), o.gid())));
    GoferRegular made;
    try {
      made = (GoferRegular) adopt(name, file.stat(), FileMode.S_IFREG, 0, null);
    } catch (RuntimeException e) {
      DescriptorCalls.close(file.fd());
      throw e;
    }
    fs().openFiles().enter(made, file.fd());
    return made;
  }

  Inode makeDirectory(String name, int mode, Credentials creator) {
    Ownership o = owner(mode, creator);
    return change(
        () -> {
          FileStat made =
              directory.with(
                  fid ->
                      client()
                          .ask(
                              new Request.MakeDirectory(
                                  fid, name, o.mode() & FileMode.PERMISSIONS, o.uid(), o.gid()),
                              Reply.Attributes.class)
                          .stat());
          // Without a fid: it is walked to when it is first used.
          return adopt(name, made, FileMode.S_IFDIR, 0, null);
        });
  }

  Inode makeSymlink(String name, String target, Credentials creator) {
    Ownership o = owner(FileMode.S_IFLNK | 0777, creator);
    return change(
        () -> {
          FileStat made =
              directory.with(
                  fid ->
                      client()
                          .ask(
                              new Request.MakeSymlink(fid, name, target, o.uid(), o.gid()),
                              Reply.Attributes.class)
                          .stat());
          return adopt(name, made, FileMode.S_IFLNK, 0, target);
        });
  }

  private GoferInode adopt(String name, FileStat made, int mode, int fid, String target) {
    if ((made.mode() & FileMode.S_IFMT) != (mode & FileMode.S_IFMT)) {
      throw Errno.EIO.exception();
    }
    GoferInode inode = fs().newInode(made, fid, target);
    directory.release(name);
    directory.adopt(name, inode);
    return inode;
  }

  void link(String name, Inode existing) {
    if (!(existing instanceof GoferInode inode)
        || inode.fs() != fs()
        || inode instanceof GoferDirectory) {
      throw existing instanceof GoferDirectory ? Errno.EPERM.exception() : Errno.EXDEV.exception();
    }
    change(
        () -> {
          if (inode.unlinked()) {
            throw Errno.ENOENT.exception();
          }
          long question = fs().question();
          FileStat now =
              inode.namedHeld(
                  (fid, old) ->
                      directory.with(
                          newFid ->
                              client()
                                  .ask(
                                      new Request.Link(fid, old, newFid, name),
                                      Reply.Attributes.class)
                                  .stat()));
          inode.heard(now, question);
          directory.release(name);
          directory.adopt(name, inode);
          return null;
        });
  }

  // Names that go.

  void remove(String name, boolean asDirectory) {
    GoferInode gone =
        change(
            () -> {
              GoferInode victim = existing(directory, name);
              boolean prepared = prepareLoss(victim);
              try {
                directory.with(
                    fid ->
                        client().ask(new Request.Unlink(fid, name, asDirectory), Reply.Done.class));
              } catch (RuntimeException e) {
                undoLoss(victim, prepared);
                throw e;
              }
              directory.release(name);
              lost(victim);
              return victim;
            });
    gone.discardIfUnused();
  }

  private static GoferInode existing(GoferDirectory where, String name) {
    GoferInode found = where.lookupHeld(name);
    if (found == null) {
      throw Errno.ENOENT.exception();
    }
    return found;
  }

  /** The victim has one name less. */
  private static void lost(GoferInode victim) {
    if (victim instanceof GoferDirectory d) {
      d.setRemoved();
    } else {
      victim.addLinks(-1);
    }
  }

  /**
   * Before the last name of a file that is in use goes, a descriptor is got hold of, for there is
   * no other way to it later. If it is not in use, it cannot come in use from here on. True if
   * something was done.
   */
  private boolean prepareLoss(GoferInode victim) {
    if (!(victim instanceof GoferRegular file)
        || file.names().size() > 1
        || fs().shared()) { // there, a file in use has a descriptor from the start
      return false;
    }
    if (file.host().nlink() <= 1 && file.doom()) {
      return false;
    }
    if (file.host().nlink() > 1 && !file.inUse()) {
      return false;
    }
    file.keepOpen();
    return true;
  }

  private void undoLoss(GoferInode victim, boolean prepared) {
    victim.spare();
    if (prepared && victim instanceof GoferRegular file) {
      file.stopKeeping();
    }
  }

  void rename(String oldName, Inode newParent, String newName, int flags) {
    if (!(newParent instanceof GoferDirectory to) || to.fs() != fs()) {
      throw Errno.EXDEV.exception();
    }
    GoferInode replaced =
        change(
            () -> {
              to.checkAlive();
              try {
                return renameHeld(oldName, to, newName, flags);
              } finally {
                to.countChange();
              }
            });
    if (replaced != null) {
      replaced.discardIfUnused();
    }
  }

  /** Returns the file that has lost a name, or null. */
  private GoferInode renameHeld(String oldName, GoferDirectory to, String newName, int flags) {
    GoferInode moved = existing(directory, oldName);
    GoferInode there = to.lookupHeld(newName);
    boolean exchange = (flags & RENAME_EXCHANGE) != 0;
    if (there == moved && !exchange) {
      return null;
    }
    GoferInode victim = exchange ? null : there;
    boolean prepared = victim != null && prepareLoss(victim);
    try {
      directory.with(
          fid ->
              to.with(
                  newFid ->
                      client()
                          .ask(
                              new Request.Rename(fid, oldName, newFid, newName, flags),
                              Reply.Done.class)));
    } catch (RuntimeException e) {
      if (victim != null) {
        undoLoss(victim, prepared);
      }
      throw e;
    }
    directory.release(oldName);
    to.release(newName);
    to.adopt(newName, moved);
    moved.touched();
    if (exchange && there != null) {
      directory.adopt(oldName, there);
      there.touched();
    }
    if (victim != null) {
      lost(victim);
    }
    return victim;
  }
}
