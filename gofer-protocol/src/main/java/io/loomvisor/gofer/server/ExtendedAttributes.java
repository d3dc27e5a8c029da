package io.loomvisor.gofer.server;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Wire;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Extended attributes (xattr(7)) of regular files and directories. The sandbox sees and changes the
 * "user." ones only: the others mean something to the host (capabilities, access lists, labels).
 * Server's thread.
 */
final class ExtendedAttributes {
  private static final String USER = "user.";

  private final FileOpener opener;
  private final MemorySegment buffer;

  /** {@code buffer} is native and holds the largest value. */
  ExtendedAttributes(FileOpener opener, MemorySegment buffer) {
    this.opener = opener;
    this.buffer = buffer;
  }

  Reply get(int directory, String name, String attribute) {
    if (!attribute.startsWith(USER)) {
      throw Errno.ENODATA.exception();
    }
    return with(
        directory, name, fd -> new Reply.Bytes(DirectoryCalls.getXattr(fd, attribute, buffer)));
  }

  Reply list(int directory, String name) {
    return with(
        directory, name, fd -> new Reply.Names(userNames(DirectoryCalls.listXattr(fd, buffer))));
  }

  private static List<String> userNames(byte[] raw) {
    List<String> names = new ArrayList<>();
    int room = Wire.MAX_MESSAGE - Wire.HEADER - 4;
    for (String name : new String(raw, StandardCharsets.ISO_8859_1).split("\0")) {
      if (name.startsWith(USER) && room >= name.length() + 2) {
        names.add(name);
        room -= name.length() + 2;
      }
    }
    return names;
  }

  Reply set(int directory, String name, String attribute, byte[] value, int flags) {
    requireUser(attribute);
    MemorySegment.copy(value, 0, buffer, ValueLayout.JAVA_BYTE, 0, value.length);
    return with(
        directory,
        name,
        fd -> {
          DirectoryCalls.setXattr(fd, attribute, buffer.asSlice(0, value.length), flags);
          return new Reply.Done();
        });
  }

  Reply remove(int directory, String name, String attribute) {
    requireUser(attribute);
    return with(
        directory,
        name,
        fd -> {
          DirectoryCalls.removeXattr(fd, attribute);
          return new Reply.Done();
        });
  }

  private static void requireUser(String attribute) {
    if (!attribute.startsWith(USER)) {
      throw Errno.EPERM.exception();
    }
  }

  private Reply with(int directory, String name, IntFunction<Reply> action) {
    int fd;
    try {
      fd = opener.openAny(directory, name, OpenFlags.O_RDONLY);
    } catch (LinuxException e) {
      // Links, devices, FIFOs and sockets have no user attributes (xattr(7)).
      throw switch (e.errno()) {
        case ELOOP, ENXIO -> Errno.EOPNOTSUPP.exception();
        default -> e;
      };
    }
    try {
      return action.apply(fd);
    } finally {
      DescriptorCalls.close(fd);
    }
  }
}
