import io.millrace.client.data.ApiClient;
import io.millrace.client.data.ApiException;
import io.millrace.client.data.DatasetApi;
import io.millrace.client.data.SnapshotApi;
import io.millrace.client.data.UploadApi;
import io.millrace.client.data.model.CreateRequest;
import io.millrace.client.data.model.DatasetJson;
import io.millrace.client.gateway.ApiKeyApi;
import io.millrace.client.gateway.model.KeyView;
import io.millrace.client.gateway.model.NewKey;
import io.millrace.client.inference.CompletionApi;
import io.millrace.client.inference.DetectApi;
import io.millrace.client.inference.ModelApi;
import io.millrace.client.inference.OpenAiModelsApi;
import io.millrace.client.inference.TokenApi;
import io.millrace.client.inference.model.Answer;
import io.millrace.client.inference.model.ChatAnswer;
import io.millrace.client.inference.model.ChatRequest;
import io.millrace.client.inference.model.CompletionAnswer;
import io.millrace.client.inference.model.CompletionRequest;
import io.millrace.client.inference.model.DetokenizeRequest;
import io.millrace.client.inference.model.Message;
import io.millrace.client.inference.model.TokenizeRequest;
import io.millrace.client.inference.model.Wanted;
import io.millrace.client.training.RunApi;
import io.millrace.client.training.model.CreateRunBody;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;

/** Calls every service with the clients that were made of the descriptions. */
public final class UseClients {
  private final String address;
  private final Consumer<HttpRequest.Builder> key;

  private UseClients(String address, String key) {
    this.address = address;
    this.key = request -> request.setHeader("Authorization", "Bearer " + key);
  }

  /**
   * Calls them.
   *
   * @param arguments address, API key, a language model, a detector, a picture
   */
  public static void main(String[] arguments) throws Exception {
    UseClients clients = new UseClients(arguments[0], arguments[1]);
    clients.data();
    clients.training();
    clients.gateway();
    clients.text(arguments[2]);
    clients.pictures(arguments[3], Path.of(arguments[4]));
  }

  private void data() throws Exception {
    ApiClient client = new ApiClient();
    client.updateBaseUri(address);
    client.setRequestInterceptor(key);
    DatasetApi datasets = new DatasetApi(client);
    DatasetJson created =
        datasets.createDataset(
            new CreateRequest().name("made-by-a-client").kind(CreateRequest.KindEnum.TEXT));
    require(created.getPackLength() > 0, created);
    Object accepted =
        new UploadApi(client)
            .appendDocuments(
                "made-by-a-client", "{\"text\": \"A\"}\n", null, null, null, null, null, null, null, null,
                null);
    require(accepted.toString().contains("accepted: 1"), accepted);
    require(datasets.listDatasets().getDatasets().contains(datasets.getDataset("made-by-a-client")), "list");
    require(new SnapshotApi(client).listSnapshots("made-by-a-client").getSnapshots().isEmpty(), "snapshots");
    datasets.deleteDataset("made-by-a-client", null);
    try {
      datasets.getDataset("made-by-a-client");
      throw new AssertionError("still there");
    } catch (ApiException gone) {
      require(gone.getCode() == 404 && gone.getResponseBody().contains("not_found"), gone);
    }
  }

  private void training() throws Exception {
    io.millrace.client.training.ApiClient client = new io.millrace.client.training.ApiClient();
    client.updateBaseUri(address);
    client.setRequestInterceptor(key);
    RunApi runs = new RunApi(client);
    String id = runs.listRuns("", List.of(), 100L, "").getRuns().getFirst().getId();
    require(runs.getRun(id).getId().equals(id), id);
    try {
      runs.createRun(
          new CreateRunBody()
              .model("m")
              .task("language")
              .dataset("nowhere")
              .preset("nano")
              .steps(1L)
              .precision("bf16"));
      throw new AssertionError("made of nothing");
    } catch (io.millrace.client.training.ApiException refused) {
      require(refused.getCode() == 404, refused);
    }
  }

  private void gateway() throws Exception {
    io.millrace.client.gateway.ApiClient client = new io.millrace.client.gateway.ApiClient();
    client.updateBaseUri(address);
    client.setRequestInterceptor(key);
    ApiKeyApi keys = new ApiKeyApi(client);
    KeyView made = keys.createKey(new NewKey().name("made by a client"));
    require(made.getKey().startsWith("mr_"), made.getPrefix());
    keys.revokeKey(made.getPrefix());
    require(
        keys.listKeys().getKeys().stream()
            .anyMatch(seen -> seen.getPrefix().equals(made.getPrefix()) && seen.getRevokedAt() != null),
        "revoked");
  }

  private void text(String model) throws Exception {
    io.millrace.client.inference.ApiClient client = inference();
    require(new ModelApi(client).getModel(model).getVersion() > 0, model);
    require(new OpenAiModelsApi(client).getOpenAiModel(model).getId().equals(model), model);
    CompletionApi completions = new CompletionApi(client);
    CompletionAnswer completion =
        completions.complete(
            new CompletionRequest().model(model).prompt("The mill").maxTokens(4).temperature(0.0));
    require(completion.getChoices().getFirst().getText() != null, completion);
    require(completion.getUsage().getCompletionTokens() > 0, completion);
    ChatAnswer chat =
        completions.chat(
            new ChatRequest()
                .model(model)
                .maxTokens(4)
                .addMessagesItem(new Message().role("user").content("The mill")));
    require(chat.getChoices().getFirst().getMessage().getRole().equals("assistant"), chat);
    TokenApi tokens = new TokenApi(client);
    List<Integer> ids =
        tokens.tokenize(new TokenizeRequest().model(model).prompt("The mill")).getTokens();
    require(
        tokens
            .detokenize(new DetokenizeRequest().model(model).tokens(ids))
            .getPrompt()
            .equals("The mill"),
        ids);
  }

  private void pictures(String model, Path picture) throws Exception {
    Answer found =
        new DetectApi(inference())
            .detect(
                new Wanted()
                    .model(model)
                    .image(Base64.getEncoder().encodeToString(Files.readAllBytes(picture)))
                    .minScore(0.0)
                    .maxDetections(3),
                null, null, null, null, null, null, null, null, null);
    require(found.getImageWidth() > 0 && !found.getDetections().isEmpty(), found);
  }

  private io.millrace.client.inference.ApiClient inference() {
    io.millrace.client.inference.ApiClient client = new io.millrace.client.inference.ApiClient();
    client.updateBaseUri(address);
    client.setRequestInterceptor(key);
    return client;
  }

  private static void require(boolean holds, Object seen) {
    if (!holds) {
      throw new AssertionError("unexpected: " + seen);
    }
  }
}
