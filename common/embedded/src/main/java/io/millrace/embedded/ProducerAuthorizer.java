package io.millrace.embedded;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;

/**
 * Kafka's own rules, and one that they cannot express: the dead letters of documents lie among the
 * topics that producers may write to, and are the platform's alone. Kafka makes it by its name.
 */
public final class ProducerAuthorizer extends StandardAuthorizer {
  private static final String DEAD_LETTERS = ".dlt";

  @Override
  public List<AuthorizationResult> authorize(
      AuthorizableRequestContext context, List<Action> actions) {
    List<AuthorizationResult> results = new ArrayList<>(super.authorize(context, actions));
    if (context.principal().getName().equals(KafkaAccess.PRODUCER)) {
      for (int i = 0; i < actions.size(); i++) {
        if (isDeadLetters(actions.get(i))) {
          results.set(i, AuthorizationResult.DENIED);
        }
      }
    }
    return results;
  }

  private static boolean isDeadLetters(Action action) {
    return action.resourcePattern().resourceType() == ResourceType.TOPIC
        && action.resourcePattern().name().endsWith(DEAD_LETTERS);
  }
}
