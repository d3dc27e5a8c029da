package io.loomvisor.kernel.syscall.socket;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Refusals;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The address families that are there. Immutable. */
public final class SocketFamilies {
  private final Map<Integer, SocketFamily> byDomain;

  public SocketFamilies(List<SocketFamily> families) {
    byDomain =
        families.stream()
            .collect(Collectors.toUnmodifiableMap(SocketFamily::domain, Function.identity()));
  }

  /**
   * EAFNOSUPPORT.
   *
   * @param process the pid of who asks
   */
  SocketFamily get(int process, int domain) {
    SocketFamily family = byDomain.get(domain);
    if (family == null) {
      Refusals.report(process, "sockets of family " + domain);
      throw Errno.EAFNOSUPPORT.exception();
    }
    return family;
  }
}
