package io.millrace.platform.event;

/** What an {@link EventReader} does with each event. */
@FunctionalInterface
public interface EventHandler {

  /**
   * Handles an event, which may come more than once.
   *
   * @throws MalformedEventException if no retry can help: the record becomes a dead letter at once
   * @throws Exception any other failure: tried again with growing pauses, then a dead letter
   */
  void handle(ReceivedEvent event) throws Exception;
}
