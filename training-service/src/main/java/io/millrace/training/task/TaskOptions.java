package io.millrace.training.task;

import io.millrace.platform.error.JsonFailures;
import io.millrace.platform.error.MillraceException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the options of tasks as clients and the database write them, by name, and writes them. The
 * one place where a name is told to be a task's own, another task's, or nobody's.
 */
final class TaskOptions {
  private static final TypeReference<Map<String, Object>> BY_NAME = new TypeReference<>() {};

  private final List<Task<?>> tasks;
  private final JsonMapper json;

  TaskOptions(List<Task<?>> tasks, JsonMapper json) {
    this.tasks = tasks;
    this.json = json;
  }

  /** All options by name. */
  Map<String, Object> write(Record options) {
    return json.convertValue(options, BY_NAME);
  }

  /**
   * The options; those that are missing or null are the standard ones.
   *
   * @throws MillraceException INVALID_ARGUMENT naming one that the task does not have or that has
   *     no such value
   */
  <O extends Record> O read(Task<O> task, Map<String, ?> given) {
    requireKnown(given.keySet(), task.name());
    ObjectNode all = tree(task);
    given.forEach((name, value) -> {
      if (!all.has(name)) {
        requireNothingAskedFor(task, name, json.valueToTree(value));
      } else if (value != null) {
        all.set(name, json.<JsonNode>valueToTree(value));
      }
    });
    try {
      @SuppressWarnings("unchecked") // The class of an O.
      Class<O> type = (Class<O>) task.standard().getClass();
      return json.treeToValue(all, type);
    } catch (JacksonException e) {
      throw e.getCause() instanceof MillraceException invalid ? invalid : JsonFailures.invalid(e);
    }
  }

  /**
   * Checks that some task has options of these names.
   *
   * @param asked name of the task whose options a message tells, if there is one
   * @throws MillraceException INVALID_ARGUMENT naming an option that none has
   */
  void requireKnown(Collection<String> names, String asked) {
    for (String name : names) {
      if (tasks.stream().noneMatch(task -> tree(task).has(name))) {
        List<Task<?>> own = tasks.stream().filter(task -> task.name().equals(asked)).toList();
        List<Task<?>> told = own.isEmpty() ? tasks : own;
        String options = told.stream().map(this::described).collect(Collectors.joining("; "));
        throw MillraceException.invalid(name, "unknown field '%s'; %s".formatted(name, options));
      }
    }
  }

  /** A client may send what all tasks have, as long as it asks another task for nothing. */
  private void requireNothingAskedFor(Task<?> task, String name, JsonNode value) {
    List<JsonNode> standards =
        tasks.stream()
            .map(this::tree)
            .filter(one -> one.has(name))
            .map(one -> one.get(name))
            .toList();
    if (!value.isNull() && standards.stream().noneMatch(one -> isSame(one, value))) {
      throw MillraceException.invalid(
          name, "task %s has no %s: leave it out".formatted(task.name(), name));
    }
  }

  private static boolean isSame(JsonNode one, JsonNode other) {
    return one.isNumber() && other.isNumber()
        ? one.asDouble() == other.asDouble()
        : one.equals(other);
  }

  private String described(Task<?> task) {
    String names = String.join(", ", new TreeSet<>(tree(task).propertyNames()));
    return "task %s has %s"
        .formatted(task.name(), names.isEmpty() ? "no options" : "the options " + names);
  }

  private ObjectNode tree(Task<?> task) {
    return json.valueToTree(task.standard());
  }
}
