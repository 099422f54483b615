package org.sluice.jobs.plan;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.sluice.experiments.planning.CheckpointTime;
import org.sluice.experiments.planning.ClusterDescription;
import org.sluice.experiments.planning.Course;
import org.sluice.experiments.planning.ExchangeTime;
import org.sluice.experiments.planning.ExecutorSize;
import org.sluice.experiments.planning.Plan;
import org.sluice.experiments.planning.StepTime;

/** A plan as one line of JSON. What there is no number for is null. */
public final class PlanJson {
    private PlanJson() {}

    /**
     * The line.
     *
     * @param job its name
     * @param variants how many the job has; the plan is of the one that costs most
     */
    public static String of(String job, int variants, Plan plan) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("job", job);
        json.put("variant", plan.training().variant());
        json.put("variants", variants);
        json.put("parameters", plan.training().model().parameters());
        json.put("workers", plan.training().cluster().workers());
        json.put("fits", plan.fits());
        texts(json.putArray("problems"), plan.problems());
        texts(json.putArray("changes"), plan.changes());
        json.put("memoryBytesPerWorker", plan.memory().ofWorker());
        json.put("hostMemoryBytesPerWorker", plan.memory().ofHost());
        json.put("stepSeconds", plan.step().seconds());
        json.put("exchangeSeconds", plan.exchange().secondsOfRound());
        json.put("exchangeWaitSeconds", plan.exchange().waitedSeconds(plan.trainSeconds()));
        json.put("roundEfficiency", plan.roundEfficiency());
        json.put("tokens", plan.tokens());
        json.put("flops", plan.flops());
        number(json, "tokensPerDay", plan.tokensPerDay());
        number(json, "days", plan.days());
        json.put("usefulShare", plan.course().usefulShare());
        number(json, "workerHours", plan.workerHours());
        number(json, "cost", plan.cluster().price() > 0 ? plan.cost() : Double.NaN);
        json.put("checkpointBytes", plan.checkpoint().bytes());
        json.set("memoryBytesByPart", memory(plan));
        json.set("executor", executor(plan.executor()));
        json.set("step", step(plan.step()));
        json.set("exchange", exchange(plan.exchange()));
        json.set("checkpoint", checkpoint(plan.checkpoint()));
        json.set("course", course(plan.course()));
        json.set("cluster", cluster(plan.cluster()));
        return json.toString();
    }

    private static ObjectNode memory(Plan plan) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        plan.memory().parts().forEach(part -> json.put(part.name(), part.bytes()));
        return json;
    }

    private static ObjectNode executor(ExecutorSize executor) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        executor.settings().forEach(json::put);
        return json;
    }

    private static ObjectNode step(StepTime step) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("flopsPerToken", step.flopsPerToken());
        json.put("blocks", step.blocks());
        json.put("microBatches", step.passes());
        json.put("microBatch", step.microBatch());
        json.put("countsExperts", step.counted());
        json.put("teraflopsPerSecond", step.rate());
        json.put("computeSeconds", step.computeSeconds());
        json.put("optimizerSeconds", step.optimizerSeconds());
        return json;
    }

    private static ObjectNode exchange(ExchangeTime exchange) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("receivedBytesPerWorker", exchange.receivedBytes());
        json.put("bytesPerHost", exchange.hostBytes());
        json.put("networkSeconds", exchange.networkSeconds());
        json.put("processorSeconds", exchange.processorSeconds());
        json.put("driverSeconds", exchange.driverSeconds());
        json.put("fragments", exchange.fragments());
        json.put("overlapped", exchange.overlapped());
        return json;
    }

    private static ObjectNode checkpoint(CheckpointTime checkpoint) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("modelBytes", checkpoint.modelBytes());
        json.put("ownerBytes", checkpoint.ownerBytes());
        json.put("bytesPerWorker", checkpoint.workerBytes());
        json.put("keptBytes", checkpoint.keptBytes());
        json.put("seconds", checkpoint.seconds());
        json.put("loadSeconds", checkpoint.loadSeconds());
        return json;
    }

    private static ObjectNode course(Course course) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("rounds", course.rounds());
        json.put("playedRounds", course.playedRounds());
        json.put("slowestWorker", course.slowest());
        number(json, "secondsBetweenFaults", course.secondsBetweenFaults());
        json.put("undisturbedSeconds", course.undisturbedSeconds());
        return json;
    }

    private static ObjectNode cluster(ClusterDescription cluster) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("kind", cluster.kind().name());
        json.put("rateIsAssumed", cluster.rate().isEmpty());
        json.put("hosts", cluster.hosts());
        json.put("workersPerHost", cluster.workersPerHost());
        json.put("coresPerWorker", cluster.cores());
        json.put("memoryBytes", cluster.memoryBytes());
        json.put("hostMemoryBytes", cluster.hostMemoryBytes());
        json.put("networkGigabits", cluster.network());
        json.put("storageGigabytes", cluster.storage());
        json.put("faultHours", cluster.faultHours());
        json.put("repairMinutes", cluster.repairMinutes());
        json.put("spares", cluster.spares());
        json.put("price", cluster.price());
        return json;
    }

    private static void texts(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
    }

    private static void number(ObjectNode json, String name, double value) {
        if (Double.isFinite(value)) {
            json.put(name, value);
        } else {
            json.putNull(name);
        }
    }
}
