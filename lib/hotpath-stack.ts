/**
 * What trades: the engine of one site, in the region and the zone of its venues.
 *
 * One stack for each site. Nothing in it must survive but the address that venues have on their lists: the
 * journal is in the archive as soon as it is sealed, orders are in the table of commands.
 */
import { CfnOutput, RemovalPolicy, Stack, Tags } from "aws-cdk-lib";
import { DockerImageAsset, Platform } from "aws-cdk-lib/aws-ecr-assets";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { HotpathTask } from "./constructs/hotpath-task.ts";
import { SiteMachine } from "./constructs/site-machine.ts";
import { SiteNetwork } from "./constructs/site-network.ts";
import type { Deployment } from "./deployment.ts";
import { imageContext } from "./image-context.ts";
import type { Site } from "./sites.ts";

export class HotpathStack extends Stack {
  constructor(scope: Construct, deployment: Deployment, site: Site) {
    super(scope, `${deployment.prefix}-hotpath-${site.name}`, {
      env: deployment.environment(site.region),
      terminationProtection: deployment.stage.isProtected,
      description: `Reckoner: the engine ${site.engine}`,
    });
    Tags.of(this).add("reckoner:deployment", deployment.prefix);
    const logGroupName = this.makeLog(deployment, site);
    const network = new SiteNetwork(this, "Network", { deployment, site, logGroupName });
    const machine = new SiteMachine(this, "Machine", { deployment, site, network });
    const { image, identity } = this.imageOf(deployment);
    new HotpathTask(this, "Engine", {
      deployment,
      site,
      machine,
      logGroupName,
      image,
      imageIdentity: identity,
    });
    new CfnOutput(this, "Address", {
      value: network.address,
      description: "For the lists of allowed addresses at the venues",
    });
  }

  private makeLog(deployment: Deployment, site: Site): string {
    const { logDays, isProtected } = deployment.stage;
    const log = new LogGroup(this, "Log", {
      logGroupName: `/${deployment.prefix}/engine/${site.name}`,
      retention: logDays,
      removalPolicy: isProtected ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    // The customer's key may be in another region; logs hold no secrets, and AWS encrypts them anyway.
    return log.logGroupName;
  }

  /** The image by the digest it was published under, or one that is built from this checkout. */
  private imageOf(deployment: Deployment): { readonly image: string; readonly identity: string } {
    const { image, root } = deployment.options;
    if (image !== "") return { image, identity: image.slice(image.indexOf("@") + 1) };
    const asset = new DockerImageAsset(this, "Image", {
      directory: imageContext(root),
      file: "hotpath/Dockerfile",
      platform: Platform.LINUX_AMD64,
    });
    // The repository refuses to have a tag moved, and the tag is a hash of all that goes in.
    return { image: asset.imageUri, identity: `source:${asset.assetHash}` };
  }
}
