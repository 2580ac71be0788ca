package io.millrace.standalone.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** The permissions that docs/operations/kafka.md lists. */
final class GrantedPermissions {
  private static final Pattern ROW =
      Pattern.compile(
          "\\| (data|training|inference) \\| (topic|group|transactional id) \\| (literal|prefixed)"
              + " \\| (`[^|]+`) \\| ([a-z, ]+) \\|");
  private static final Pattern NAME = Pattern.compile("`([^`]+)`");

  private GrantedPermissions() {}

  /**
   * One operation of one row.
   *
   * @param user whose it is
   * @param resource kind of what is permitted
   * @param pattern how names are meant
   * @param names as documented
   * @param operation what is permitted
   */
  record Permission(
      String user,
      ResourceType resource,
      PatternType pattern,
      List<String> names,
      AclOperation operation) {

    /** As Kafka takes it, with a topic prefix. */
    List<AclBinding> bindings(String prefix) {
      return names.stream()
          .map(name ->
              new AclBinding(
                  new ResourcePattern(resource, prefix + name, pattern),
                  new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW)))
          .toList();
    }

    /** Whether it is what permits something. */
    boolean permits(PermissionRecorder.Asked asked, String prefix) {
      return asked.user().equals(user)
          && asked.resource() == resource
          && asked.operation() == operation
          && names.stream()
              .map(name -> prefix + name)
              .anyMatch(name ->
                  pattern == PatternType.LITERAL
                      ? asked.name().equals(name)
                      : asked.name().startsWith(name));
    }
  }

  static List<Permission> documented() throws IOException {
    List<Permission> all = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("../docs/operations/kafka.md"))) {
      Matcher row = ROW.matcher(line);
      if (!row.matches()) {
        continue;
      }
      List<String> names = NAME.matcher(row.group(4)).results().map(name -> name.group(1)).toList();
      for (String operation : row.group(5).split(", ")) {
        all.add(
            new Permission(
                row.group(1),
                ResourceType.valueOf(row.group(2).replace(' ', '_').toUpperCase(Locale.ROOT)),
                PatternType.valueOf(row.group(3).toUpperCase(Locale.ROOT)),
                names,
                AclOperation.valueOf(operation.toUpperCase(Locale.ROOT))));
      }
    }
    return all;
  }
}
