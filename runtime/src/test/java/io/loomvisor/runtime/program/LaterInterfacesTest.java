package io.loomvisor.runtime.program;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Interfaces, addresses and routes that come and go while the sandbox runs, as {@code docker
 * network connect} has them, without an engine: a hook puts the first one there, the test the
 * second.
 */
class LaterInterfacesTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String ID = "later";

  @TempDir private Path directory;
  private Bundle bundle;

  /** Of the host's ends: nobody else's. */
  private final String name = "lt" + ProcessHandle.current().pid() % 100_000 + "x";

  @AfterEach
  void nothingStays() throws Exception {
    if (bundle != null) {
      bundle.verb("delete", "--force", ID);
    }
  }

  @Test
  void theStackFollowsTheNamespace() throws Exception {
    for (String tool : List.of("ip", "nsenter")) {
      assumeTrue(host("sh", "-c", "command -v " + tool).status() == 0, "SKIPPED: no " + tool);
    }
    bundle = Bundle.of(directory, "sleep 1000");
    Path hook = directory.resolve("hook");
    Files.writeString(
        hook,
        """
        #!/bin/sh
        pid=$(sed 's/.*"pid":\\([0-9]*\\).*/\\1/')
        ip link add %1$s0 type veth peer name eth0 netns "$pid" &&
          ip address add 10.214.7.1/24 dev %1$s0 && ip link set %1$s0 up &&
          nsenter -t "$pid" -n ip address add 10.214.7.2/24 dev eth0 &&
          nsenter -t "$pid" -n ip link set eth0 up
        """
            .formatted(name));
    assertTrue(hook.toFile().setExecutable(true));
    JsonObject hooks = new JsonObject();
    hooks.add("createRuntime", Bundle.json("[{'path': '" + hook + "'}]"));
    bundle.change(c -> c.add("hooks", hooks));
    bundle.create(ID);
    bundle.succeed("start", ID);
    assertReached("10.214.7.1");
    String pid = bundle.state(ID).get("pid").getAsString();
    aSecondOne(pid);
    theyGo(pid);
  }

  private void aSecondOne(String pid) throws Exception {
    succeed("ip", "link", "add", name + 1, "type", "veth", "peer", "name", "eth1", "netns", pid);
    succeed("ip", "address", "add", "10.215.7.1/24", "dev", name + 1);
    succeed("ip", "link", "set", name + 1, "up");
    inside(pid, "address", "add", "10.215.7.2/24", "dev", "eth1");
    inside(pid, "link", "set", "eth1", "up");
    await().atMost(LIMIT).until(() -> shown("address").contains("10.215.7.2/24"));
    assertReached("10.215.7.1");
    assertReached("10.214.7.1");
    inside(pid, "address", "add", "10.215.7.3/24", "dev", "eth1");
    inside(pid, "route", "add", "10.216.7.0/24", "via", "10.215.7.1");
    await().atMost(LIMIT).until(() -> shown("address").contains("10.215.7.3/24"));
    await().atMost(LIMIT).until(() -> shown("route").contains("10.216.7.0/24 via 10.215.7.1"));
  }

  private void theyGo(String pid) throws Exception {
    inside(pid, "route", "del", "10.216.7.0/24");
    await().atMost(LIMIT).until(() -> !shown("route").contains("10.216.7.0"));
    inside(pid, "address", "del", "10.215.7.3/24", "dev", "eth1");
    await().atMost(LIMIT).until(() -> !shown("address").contains("10.215.7.3"));
    succeed("ip", "link", "del", name + 1);
    await().atMost(LIMIT).until(() -> !shown("link").contains("eth1"));
    assertReached("10.214.7.1");
  }

  /** What the application sees. */
  private String shown(String what) throws Exception {
    return bundle.succeed("exec", ID, "busybox", "ip", "-o", what);
  }

  private void assertReached(String address) throws Exception {
    Product.Outcome ping =
        bundle.verb(
            "exec", "--cap", "CAP_NET_RAW", ID, "busybox", "ping", "-c", "1", "-W", "20", address);
    assertEquals(0, ping.status(), ping.text() + ping.errors());
  }

  /** Changes the namespace from outside of the sandbox, as an engine does. */
  private static void inside(String pid, String... words) throws Exception {
    List<String> line = new ArrayList<>(List.of("nsenter", "-t", pid, "-n", "ip"));
    line.addAll(List.of(words));
    succeed(line.toArray(String[]::new));
  }

  private static void succeed(String... line) throws Exception {
    Product.Outcome outcome = host(line);
    assertEquals(0, outcome.status(), String.join(" ", line) + ": " + outcome.errors());
  }

  private static Product.Outcome host(String... line) throws Exception {
    return Product.run(List.of(line), Path.of("/"), LIMIT);
  }
}
