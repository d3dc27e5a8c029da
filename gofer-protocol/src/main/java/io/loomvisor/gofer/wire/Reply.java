package io.loomvisor.gofer.wire;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileSystemStat;
import java.util.List;

/** What the gofer answers. {@code dev} of attributes is the host's device number. */
public sealed interface Reply {
  record Failure(Errno errno) implements Reply {}

  record Done() implements Reply {}

  record Attributes(FileStat stat) implements Reply {}

  /**
   * @param found attributes of the names in turn, as far as they were found
   * @param stopped why not all were; null if all were
   * @param target where the last of {@code found} leads if it is a symbolic link; else null
   */
  record Walked(List<FileStat> found, Errno stopped, String target) implements Reply {}

  /** The open file comes with the message as its one descriptor. */
  record Opened(FileStat stat) implements Reply {}

  /**
   * @param next position of the next batch
   * @param end there is no further entry
   */
  record Entries(List<DirectoryEntry> entries, long next, boolean end) implements Reply {}

  record Text(String text) implements Reply {}

  record FileSystem(FileSystemStat stat) implements Reply {}

  record Bytes(byte[] value) implements Reply {}

  record Names(List<String> names) implements Reply {}

  /**
   * A socket of the host, which comes with the message as its one descriptor.
   *
   * @param handle what later requests name it by
   * @param peer the address of who has connected; empty if nobody has
   */
  record Socket(int handle, byte[] peer) implements Reply {}
}
