package io.millrace.standalone.contract;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;

/** Kafka's own authorizer, which notes what it was asked. The broker makes it by its name. */
public final class PermissionRecorder extends StandardAuthorizer {
  private static final Set<Asked> ALLOWED = ConcurrentHashMap.newKeySet();
  private static final Set<Asked> DENIED = ConcurrentHashMap.newKeySet();

  /**
   * What somebody wanted to do.
   *
   * @param user who
   * @param operation what
   * @param resource on a resource of this kind
   * @param name and of this name
   */
  record Asked(String user, AclOperation operation, ResourceType resource, String name) {}

  /** What was allowed. */
  static Set<Asked> allowed() {
    return Set.copyOf(ALLOWED);
  }

  /** What was denied, and not only asked for to leave it out of a list. */
  static Set<Asked> denied() {
    return Set.copyOf(DENIED);
  }

  /** Begins anew. */
  static void forget() {
    ALLOWED.clear();
    DENIED.clear();
  }

  @Override
  public List<AuthorizationResult> authorize(
      AuthorizableRequestContext context, List<Action> actions) {
    List<AuthorizationResult> results = super.authorize(context, actions);
    for (int i = 0; i < actions.size(); i++) {
      Action action = actions.get(i);
      Asked asked =
          new Asked(
              context.principal().getName(),
              action.operation(),
              action.resourcePattern().resourceType(),
              action.resourcePattern().name());
      switch (results.get(i)) {
        case ALLOWED -> ALLOWED.add(asked);
        case DENIED -> {
          if (action.logIfDenied()) {
            DENIED.add(asked);
          }
        }
      }
    }
    return results;
  }
}
