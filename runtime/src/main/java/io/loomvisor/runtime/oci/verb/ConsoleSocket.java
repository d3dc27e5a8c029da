package io.loomvisor.runtime.oci.verb;

import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.runtime.host.PseudoTerminal;
import io.loomvisor.runtime.host.UnixSockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Hands the master of a terminal to whoever listens for it, as runc does (docs/terminals.md). */
final class ConsoleSocket {
  private ConsoleSocket() {}

  /** The receiver gets the name of the slave as data. */
  static void send(String path, PseudoTerminal terminal) throws IOException {
    int socket = UnixSockets.connectStream(path);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(terminal.slavePath());
      DescriptorCalls.send(socket, name, (int) name.byteSize() - 1, terminal.master());
    } finally {
      DescriptorCalls.close(socket);
    }
  }
}
