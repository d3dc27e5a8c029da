package io.loomvisor.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.runtime.seccomp.LockDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page in the tree has the filters as they are. */
class SecurityDocumentationTest {
  @Test
  void pageHasTheFilters() throws IOException {
    Path page = Path.of("").toAbsolutePath().getParent().resolve("docs/security.md");
    assertTrue(
        Files.readString(page).endsWith(LockDocument.markdown()),
        "docs/security.md must end with what ./loomvisor syscalls --lock prints");
  }
}
