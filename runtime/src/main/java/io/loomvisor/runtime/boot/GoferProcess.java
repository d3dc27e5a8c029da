package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.gofer.server.GoferRoot;
import io.loomvisor.gofer.server.GoferServer;
import io.loomvisor.runtime.lock.GoferLock;
import io.loomvisor.runtime.lock.GoferLock.Tree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The body of {@code loomvisor gofer}. */
public final class GoferProcess {
  private static final int AT_FDCWD = -100;

  private GoferProcess() {}

  /** Serves until the sentry closes its end; the exit status. */
  public static int serve(int socketFd, List<Tree> trees) throws IOException {
    DirectoryCalls.setUmask(0); // also loads what host calls need, which the lock would hide
    boolean training = System.getenv("LOOMVISOR_TRAINING") != null;
    List<String> places =
        training ? trees.stream().map(Tree::path).toList() : GoferLock.engage(trees);
    List<GoferRoot> served = new ArrayList<>();
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;
    for (int i = 0; i < places.size(); i++) {
      int fd = DirectoryCalls.open(AT_FDCWD, places.get(i), flags, 0);
      served.add(new GoferRoot(fd, trees.get(i).readOnly()));
    }
    GoferServer.serve(socketFd, served);
    return 0;
  }
}
