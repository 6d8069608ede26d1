using Broker.Web.Operations.Work;
using Broker.Web.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Broker.Web.Api;

/// <summary>Long work: how far it is, and its end.</summary>
internal static class JobRoutes
{
    /// <summary>Maps it.</summary>
    public static void MapJobs(this RouteGroupBuilder api)
    {
        var read = api.MapGroup("").RequireAuthorization(Scopes.Read).WithTags("Jobs");
        read.MapGet("/jobs", (Jobs jobs) => jobs.List).WithSummary("Long work that runs or ended lately");
        read.MapGet("/jobs/{id}", (Jobs jobs, string id) => Find(jobs, id).View).WithSummary("How far long work is");
        api.MapDelete("/jobs/{id}", Cancel).RequireAuthorization(Scopes.Operate).WithTags("Jobs").WithSummary("Stops long work; what it did stays");
    }

    /// <summary>Work has begun; its place tells how far it is.</summary>
    internal static Accepted<JobView> Accepted(Job job) => TypedResults.Accepted($"{ApiRegistration.Root}/jobs/{job.Id}", job.View);

    private static Accepted<JobView> Cancel(Jobs jobs, string id)
    {
        var job = Find(jobs, id);
        job.Cancel();
        return Accepted(job);
    }

    private static Job Find(Jobs jobs, string id) => jobs.Find(id) ?? throw new UnknownException("such job");
}
