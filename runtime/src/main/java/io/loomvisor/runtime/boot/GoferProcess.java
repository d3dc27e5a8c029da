package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.gofer.server.GoferRoot;
import io.loomvisor.gofer.server.GoferServer;
import java.util.ArrayList;
import java.util.List;

/** The body of {@code loomvisor gofer}. */
public final class GoferProcess {
  private static final String READ_ONLY = ":ro";
  private static final int AT_FDCWD = -100;

  private GoferProcess() {}

  /**
   * Serves until the sentry closes its end; the exit status.
   *
   * @param roots directories, with ":ro" at the end for read-only
   */
  public static int serve(int socketFd, List<String> roots) {
    List<GoferRoot> served = new ArrayList<>();
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;
    for (String root : roots) {
      boolean readOnly = root.endsWith(READ_ONLY);
      String path = readOnly ? root.substring(0, root.length() - READ_ONLY.length()) : root;
      served.add(new GoferRoot(DirectoryCalls.open(AT_FDCWD, path, flags, 0), readOnly));
    }
    GoferServer.serve(socketFd, served);
    return 0;
  }
}
