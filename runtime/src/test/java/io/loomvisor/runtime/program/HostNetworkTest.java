package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A container in the network of whoever runs the verb, which is this process's too. */
class HostNetworkTest {
  @TempDir Path directory;

  /** Takes one connection, sends, and receives what comes back. */
  private static String served(Bundle bundle, String id) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      server.setSoTimeout(60_000);
      bundle.change(
          c ->
              bundle.args(
                  "sh",
                  "-c",
                  "echo question | busybox nc 127.0.0.1 "
                      + server.getLocalPort()
                      + "; ls /sys/class/net"));
      CompletableFuture<String> heard =
          CompletableFuture.supplyAsync(
              () -> {
                try (Socket s = server.accept()) {
                  s.getOutputStream().write("answer\n".getBytes(StandardCharsets.US_ASCII));
                  s.shutdownOutput();
                  return new String(s.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                } catch (java.io.IOException e) {
                  return e.toString();
                }
              });
      Product.Outcome outcome = bundle.verb("run", id);
      assertEquals(0, outcome.status(), outcome.errors());
      assertEquals("question\n", heard.join());
      assertTrue(outcome.text().startsWith("answer\n"), outcome.text());
      return outcome.text();
    }
  }

  private static void assertShowsInterfaces(String listed) throws Exception {
    String own =
        NetworkInterface.networkInterfaces()
            .map(NetworkInterface::getName)
            .collect(Collectors.toCollection(TreeSet::new))
            .stream()
            .collect(Collectors.joining("\n"));
    for (String name : own.split("\n")) {
      assertTrue(listed.lines().anyMatch(name::equals), name + " is not in " + listed);
    }
  }

  @Test
  void withoutANetworkNamespace() throws Exception {
    Bundle bundle = Bundle.of(directory, "true");
    JsonArray left = new JsonArray();
    for (JsonElement e : bundle.linux().getAsJsonArray("namespaces")) {
      if (!e.getAsJsonObject().get("type").getAsString().equals("network")) {
        left.add(e);
      }
    }
    bundle.linux().add("namespaces", left);
    assertShowsInterfaces(served(bundle, "without"));
  }

  @Test
  void withThePathOfTheRuntimesOwn() throws Exception {
    Bundle bundle = Bundle.of(directory, "true");
    bundle.join((int) ProcessHandle.current().pid(), "network");
    assertShowsInterfaces(served(bundle, "path"));
  }
}
