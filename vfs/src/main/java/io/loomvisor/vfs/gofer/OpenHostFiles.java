package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.host.DescriptorCalls;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.IntToLongFunction;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;

/** The donated descriptors, at most {@link #LIMIT} that are not in use; the one unused longest is closed first. */
final class OpenHostFiles extends Actor {
  private static final int LIMIT = 256;

  private static final class Descriptor {
    final int fd;
    int users = 1;

    Descriptor(int fd) {
      this.fd = fd;
    }
  }

  private final Map<GoferRegular, Descriptor> open = new LinkedHashMap<>(16, 0.75f, true);

  OpenHostFiles() {
    super(Rank.LEAF);
  }

  /** Calls {@code use} with the file's descriptor, which {@code opener} makes if there is none. */
  long with(GoferRegular file, IntSupplier opener, IntToLongFunction use) {
    Descriptor d = ask(() -> take(file));
    if (d == null) {
      int fd = opener.getAsInt();
      d = ask(() -> enter(file, fd));
      if (d.fd != fd) {
        DescriptorCalls.close(fd);
      }
    }
    Descriptor used = d;
    try {
      return use.applyAsLong(used.fd);
    } finally {
      int victim = ask(() -> give(used));
      if (victim >= 0) {
        DescriptorCalls.close(victim);
      }
    }
  }

  private Descriptor take(GoferRegular file) {
    Descriptor d = open.get(file);
    if (d != null) {
      d.users++;
    }
    return d;
  }

  private Descriptor enter(GoferRegular file, int fd) {
    Descriptor other = take(file);
    if (other != null) {
      return other;
    }
    Descriptor d = new Descriptor(fd);
    open.put(file, d);
    return d;
  }

  /** Takes one that may be closed out, if there are too many; -1 if none. */
  private int give(Descriptor d) {
    d.users--;
    if (open.size() <= LIMIT) {
      return -1;
    }
    Iterator<Descriptor> oldestFirst = open.values().iterator();
    while (oldestFirst.hasNext()) {
      Descriptor candidate = oldestFirst.next();
      if (candidate.users == 0) {
        oldestFirst.remove();
        return candidate.fd;
      }
    }
    return -1;
  }
}
