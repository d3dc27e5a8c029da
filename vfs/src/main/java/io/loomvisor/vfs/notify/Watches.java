package io.loomvisor.vfs.notify;

import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.Inode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/** All watches on the files of one file system. Any thread. */
public final class Watches {
  private final ConcurrentHashMap<Inode, List<Watch>> byInode = new ConcurrentHashMap<>();

  void add(Watch watch) {
    byInode.merge(
        watch.inode(),
        List.of(watch),
        (old, one) -> {
          List<Watch> more = new ArrayList<>(old);
          more.addAll(one);
          return List.copyOf(more);
        });
  }

  void remove(Watch watch) {
    byInode.computeIfPresent(
        watch.inode(),
        (inode, old) -> {
          List<Watch> less = old.stream().filter(w -> w != watch).toList();
          return less.isEmpty() ? null : less;
        });
  }

  boolean watched(Inode inode) {
    return byInode.containsKey(inode);
  }

  /** Something happened to the file: its directory hears of it by name, then itself. */
  void tell(Dentry dentry, int event, boolean throughDescription) {
    boolean unlinked = throughDescription && dentry.deleted();
    Dentry parent = dentry.parent();
    if (parent != null) {
      tell(parent.inode(), event, 0, dentry.name(), unlinked);
    }
    tell(dentry.inode(), event, 0, "", unlinked);
  }

  /** Those who watch {@code inode} hear of {@code event}. */
  void tell(Inode inode, int event, int cookie, String name) {
    tell(inode, event, cookie, name, false);
  }

  private void tell(Inode inode, int event, int cookie, String name, boolean unlinked) {
    for (Watch w : byInode.getOrDefault(inode, List.of())) {
      if (w.has(event & NotifyEvents.IN_ALL_EVENTS)
          && !(unlinked && w.has(NotifyEvents.IN_EXCL_UNLINK))) {
        w.instance().happened(w, event, cookie, name);
      }
    }
  }

  /** The file is no more: its watches end. */
  void end(Inode inode) {
    for (Watch w : byInode.getOrDefault(inode, List.of())) {
      w.instance().ended(w, 0);
    }
  }

  /** The file system is no more. */
  void unmounted() {
    for (List<Watch> all : byInode.values()) {
      for (Watch w : all) {
        w.instance().ended(w, NotifyEvents.IN_UNMOUNT);
      }
    }
  }
}
