package org.sluice.jobs.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The manifests against the types of Kubernetes' own API: each object is of a kind that there is, and has no property that the kind does not have. */
class KubernetesManifestsTest {
    private static final Path MANIFESTS = ClusterConfiguration.ALL.resolve("kubernetes/manifests");

    /** Finds the type of an object by apiVersion and kind. */
    private static final ObjectMapper TYPES = new ObjectMapper();

    /** Writes what the types know, and not what they were given beyond it. */
    private static final ObjectMapper KNOWN = new ObjectMapper()
            .setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1;

                @Override
                public Boolean hasAnyGetter(Annotated annotated) {
                    return false;
                }
            });

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    @TempDir
    Path folder;

    static List<Path> manifests() throws IOException {
        try (Stream<Path> files = Files.list(MANIFESTS)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void everyPropertyIsKnown(Path manifest) throws Exception {
        List<JsonNode> objects = objects(manifest);
        assertThat(objects).isNotEmpty();
        for (JsonNode object : objects) {
            requireKnown(object);
        }
    }

    @Test
    void anUnknownPropertyIsFound() throws Exception {
        String pod = Files.readString(MANIFESTS.resolve("executor-pod.yaml"));
        assertThatThrownBy(() -> requireKnown(YAML.readTree(pod.replace("mountPath:", "mountpath:"))))
                .hasMessageContaining("/spec/containers/0/volumeMounts/0/mountpath");
        assertThatThrownBy(() -> requireKnown(YAML.readTree(pod.replace("runAsUser: 10001", "runAsUser: root"))))
                .hasMessageContaining("root");
        assertThatThrownBy(() -> requireKnown(YAML.readTree(pod.replace("kind: Pod", "kind: Pot"))))
                .hasMessageContaining("Pot");
    }

    @Test
    void newConfFillsInTheSecrets() throws Exception {
        Path made = ClusterConfiguration.make("kubernetes", folder.resolve("conf"), "driver");
        List<JsonNode> secrets = objects(made.resolve("manifests/secrets.yaml"));
        assertThat(secrets.get(0).at("/stringData/secret").asText()).matches("[0-9a-f]{64}");
        String keystore = secrets.get(1).at("/data/keystore.p12").asText();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(
                new ByteArrayInputStream(Base64.getDecoder().decode(keystore)),
                secrets.get(1).at("/stringData/password").asText().toCharArray());
        assertThat(store.containsAlias("sluice")).isTrue();
        try (Stream<Path> files = Files.list(made).filter(Files::isRegularFile)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .as("what Spark puts into a config map, where all who read config maps can read it")
                    .containsExactlyInAnyOrder(
                            "gpu-resources", "log4j2.properties", "metrics.properties", "spark-defaults.conf");
        }
    }

    private static List<JsonNode> objects(Path manifest) throws Exception {
        List<JsonNode> objects = new ArrayList<>();
        try (MappingIterator<JsonNode> values = YAML.readerFor(JsonNode.class).readValues(manifest.toFile())) {
            values.forEachRemaining(objects::add);
        }
        return objects;
    }

    private static void requireKnown(JsonNode object) throws Exception {
        KubernetesResource typed = TYPES.treeToValue(object, KubernetesResource.class);
        assertThat(typed.getClass().getSimpleName())
                .as("a type for %s", object.path("kind").asText())
                .isEqualTo(object.path("kind").asText());
        requireSame(object, KNOWN.valueToTree(typed), "");
    }

    private static void requireSame(JsonNode given, JsonNode known, String path) {
        if (given.isObject()) {
            given.properties().forEach(field -> {
                String below = path + "/" + field.getKey();
                assertThat(known.has(field.getKey()))
                        .as("%s is a property that Kubernetes knows", below)
                        .isTrue();
                requireSame(field.getValue(), known.get(field.getKey()), below);
            });
        } else if (given.isArray()) {
            assertThat(known.size()).as(path).isEqualTo(given.size());
            for (int at = 0; at < given.size(); at++) {
                requireSame(given.get(at), known.get(at), path + "/" + at);
            }
        } else {
            assertThat(known.asText()).as(path).isEqualTo(given.asText());
        }
    }
}
