package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.gofer.server.GoferRoot;
import io.loomvisor.gofer.server.GoferServer;
import io.loomvisor.runtime.host.Apart;
import io.loomvisor.runtime.host.Capability;
import io.loomvisor.runtime.host.Confinement;
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
    GoferServer.serve(socketFd, roots(trees));
    return 0;
  }

  /** Of a gofer that has been started beside its sentry: as {@link #serve}, once it is asked. */
  public static int serveEarly() throws IOException {
    DirectoryCalls.setUmask(0);
    StartTimeline.mark("first host call");
    int socket = EarlyGofer.await();
    StartTimeline.mark("connected");
    List<Tree> trees = socket < 0 ? List.of() : EarlyGofer.trees(socket);
    if (!trees.isEmpty()) {
      List<GoferRoot> roots = roots(trees);
      StartTimeline.mark("locked in");
      StartTimeline.print("gofer");
      GoferServer.serve(socket, roots);
    }
    return 0;
  }

  private static List<GoferRoot> roots(List<Tree> trees) throws IOException {
    boolean training = System.getenv("LOOMVISOR_TRAINING") != null;
    if (training && Capability.CAP_SYS_ADMIN.held()) {
      return Apart.run(
          () -> {
            // The other threads keep their root: the AOT cache has yet to be written.
            Confinement.unshare(Confinement.CLONE_NEWNS);
            return open(GoferLock.engage(trees, false), trees);
          });
    }
    return open(GoferLock.engage(trees, !training), trees);
  }

  private static List<GoferRoot> open(List<String> places, List<Tree> trees) {
    List<GoferRoot> served = new ArrayList<>();
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;
    for (int i = 0; i < places.size(); i++) {
      int fd = DirectoryCalls.open(AT_FDCWD, places.get(i), flags, 0);
      served.add(new GoferRoot(fd, trees.get(i).readOnly()));
    }
    return served;
  }
}
